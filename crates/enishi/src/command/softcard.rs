//! `enishi softcard`

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::Args;
use enishi_card::{End, Exchange, Fate, Moment, SoftwareCard, Unplugged, VpcdPlug};

use super::card::keypad::Interrupt;
use super::exit::{Exit, Failure, ended};
use super::serve::runtime;

/// How long to wait before a reader that went away is looked for again.
const PAUSE: Duration = Duration::from_millis(500);

pub(crate) const HELP: &str = "\
Puts a software card into vsmartcard's virtual reader (vpcd), where every PC/SC program of this machine finds it: OpenSC,
browsers, `enishi terminal pay --reader`. The card's retry counters are written to its image before each answer, so they
outlive this command. It stays until SIGTERM or Ctrl-C, which pulls the card; when the reader goes away it is looked for
until it comes back.

Debian: apt install pcscd vsmartcard-vpcd. A slot takes one card; a second one waits for its turn and gets no sign of it.
Whoever can connect to the address could use the card as a reader does: leave it on the loopback.

Nothing of what the card is told or says is logged; --verbose prints the number and the INS octet of each command.

Example:
  enishi softcard --card town/cards/taro.card

Exit codes:
  0  pulled by SIGTERM or Ctrl-C
  2  the image cannot be used, or it is in use by another program";

#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Softcard {
    /// The card's image.
    #[arg(long, value_name = "FILE")]
    card: PathBuf,
    /// Where vpcd listens.
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::from(([127, 0, 0, 1], VpcdPlug::DEFAULT_PORT)))]
    vpcd: SocketAddr,
    /// Print the INS octet of each command, and never more of it.
    #[arg(long)]
    verbose: bool,
}

impl Softcard {
    pub(crate) fn run(self) -> ExitCode {
        ended("softcard", self.stay())
    }

    fn stay(self) -> Result<Exit, Failure> {
        let mut card = SoftwareCard::open(&self.card)
            .map_err(|error| Failure::wrong_use(format!("{}: {error}", self.card.display())))?;
        let runtime = runtime()?;
        let _entered = runtime.enter();
        let interrupt =
            Interrupt::watch().map_err(|error| Failure::surroundings(format!("signals: {error}")))?;
        let answered = Arc::new(AtomicU64::new(0));
        let mut looked_in_vain = false;
        while !interrupt.is_heard() {
            let plug = match VpcdPlug::insert_with(card, self.vpcd, self.observer(&answered)) {
                Ok(plug) => plug,
                Err(not_inserted) => {
                    if !std::mem::replace(&mut looked_in_vain, true) {
                        say(&format!("softcard: {not_inserted} Looking until it comes."));
                    }
                    card = not_inserted.into_card();
                    std::thread::sleep(PAUSE);
                    continue;
                }
            };
            looked_in_vain = false;
            say(&format!("softcard: in the reader at {}", self.vpcd));
            let puller = plug.puller();
            let hand = runtime.spawn({
                let interrupt = interrupt.clone();
                async move {
                    interrupt.heard().await;
                    puller.pull();
                }
            });
            let Unplugged { card: back, end } = plug.wait();
            hand.abort();
            card = back;
            match end {
                Ok(End::Pulled) => break,
                Ok(End::ReaderClosed) => say("softcard: the reader went away; looking until it comes back"),
                Err(error) => say(&format!("softcard: {error}; looking until it comes back")),
            }
            std::thread::sleep(PAUSE);
        }
        say(&format!("softcard: out of the reader after {} commands", answered.load(Ordering::Relaxed)));
        Ok(Exit::Done)
    }

    fn observer(&self, answered: &Arc<AtomicU64>) -> impl FnMut(Exchange) -> Fate + Send + 'static {
        let (answered, verbose) = (Arc::clone(answered), self.verbose);
        move |exchange| {
            if matches!(exchange.moment, Moment::Answer { .. }) {
                let number = answered.fetch_add(1, Ordering::Relaxed) + 1;
                if verbose {
                    let [_, instruction, ..] = exchange.header;
                    say(&format!("softcard: {number} INS {instruction:02X}"));
                }
            }
            Fate::Stays
        }
    }
}

fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
