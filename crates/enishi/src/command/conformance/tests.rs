use std::io::{self, BufReader, Read, Write};

use super::super::exit::Exit;
use super::answer_all;
use super::lines::{Line, Lines};

/// Lines of a text that comes `piece` octets at a time, as text; `!` for those too long.
fn lines(text: &str, piece: usize, limit: usize) -> Vec<String> {
    let mut input = BufReader::with_capacity(piece, text.as_bytes());
    let mut lines = Lines::new(limit);
    let mut found = Vec::new();
    loop {
        match lines.next(&mut input).unwrap() {
            Line::End => return found,
            Line::Blank => found.push(String::new()),
            Line::Overlong => found.push("!".to_owned()),
            Line::Whole(line) => found.push(String::from_utf8(line.to_vec()).unwrap()),
        }
    }
}

#[test]
fn lines_are_the_same_however_they_arrive() {
    for piece in 1..12 {
        assert_eq!(lines("", piece, 4), [""; 0], "{piece}");
        assert_eq!(lines("a", piece, 4), ["a"], "{piece}");
        assert_eq!(lines("a\n", piece, 4), ["a"], "{piece}");
        assert_eq!(lines("abcd\nabcde\n\n \r\nx", piece, 4), ["abcd", "!", "", "", "x"], "{piece}");
        assert_eq!(lines("abcdefghijklmnopq", piece, 4), ["!"], "{piece}");
        assert_eq!(lines("abcdefghijklmnopq\nab\n", piece, 4), ["!", "ab"], "{piece}");
    }
}

#[test]
fn every_line_is_answered_in_order_and_at_once() {
    /// Hands out a line only after every line before it was answered.
    struct Asker<'a> {
        lines: Vec<&'a [u8]>,
        answers: std::rc::Rc<std::cell::RefCell<Vec<u8>>>,
        asked: usize,
    }
    impl Read for Asker<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let answered = self.answers.borrow().iter().filter(|&&octet| octet == b'\n').count();
            assert_eq!(answered, self.asked);
            let Some(line) = self.lines.get(self.asked) else { return Ok(0) };
            self.asked += 1;
            into[..line.len()].copy_from_slice(line);
            Ok(line.len())
        }
    }
    struct Sink(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);
    impl Write for Sink {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(octets)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let answers = std::rc::Rc::default();
    let asker = Asker {
        lines: vec![b"{\"id\":1}\n", b"no JSON\n", b"{\"id\":\"b\",\"kind\":\"sig\"}\n"],
        answers: std::rc::Rc::clone(&answers),
        asked: 0,
    };
    let done = answer_all(&mut BufReader::new(asker), &mut Sink(std::rc::Rc::clone(&answers)), 64).unwrap();
    assert_eq!(done, Exit::Done);
    let text = String::from_utf8(answers.borrow().clone()).unwrap();
    let ids: Vec<_> = text.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(ids, [r#"{"id":1"#, r#"{"id":null"#, r#"{"id":"b""#]);
}

#[test]
fn a_reader_that_has_gone_away_ends_the_work_and_a_full_disk_fails_it() {
    struct Broken(io::ErrorKind);
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let end =
        |kind| answer_all(&mut &b"{}\n{}\n"[..], &mut Broken(kind), 64).map_err(|failure| failure.exit());
    assert_eq!(end(io::ErrorKind::BrokenPipe), Ok(Exit::Done));
    assert_eq!(end(io::ErrorKind::StorageFull), Err(Exit::Surroundings));
}
