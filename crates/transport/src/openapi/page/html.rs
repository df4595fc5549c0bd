/// A page as it grows; whatever comes from the document is escaped.
pub(super) struct Html(String);

impl Html {
    pub(super) fn page(title: &str) -> Self {
        let mut html = Self(String::new());
        html.raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
        html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        html.raw("<meta name=\"color-scheme\" content=\"light dark\">");
        html.raw("<link rel=\"stylesheet\" href=\"/docs/style.css\"><title>");
        html.text(title);
        html.raw("</title></head><body>");
        html
    }

    pub(super) fn close(mut self) -> String {
        self.raw("</body></html>\n");
        self.0
    }

    /// Markup of ours.
    pub(super) fn raw(&mut self, markup: &'static str) {
        self.0.push_str(markup);
    }

    /// Text of the document.
    pub(super) fn text(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
    }

    pub(super) fn element(&mut self, name: &'static str, id: &str, text: &str) {
        self.raw("<");
        self.raw(name);
        if !id.is_empty() {
            self.raw(" id=\"");
            self.text(id);
            self.raw("\"");
        }
        self.raw(">");
        self.text(text);
        self.raw("</");
        self.raw(name);
        self.raw(">");
    }

    /// Nothing for an empty text.
    pub(super) fn paragraph(&mut self, text: &str) {
        if !text.is_empty() {
            self.element("p", "", text);
        }
    }

    pub(super) fn link(&mut self, to: &str, text: &str, class: &'static str) {
        self.raw("<a class=\"");
        self.raw(class);
        self.raw("\" href=\"");
        self.text(to);
        self.raw("\">");
        self.text(text);
        self.raw("</a>");
    }
}
