//! A nation's list is read beside authentications, not in their place.

use std::io;
use std::thread;

/// How far a list's threads give way (setpriority(2)): where both want a processor, an authentication has ten times as much of
/// it, and the list is still read in time on a machine that is never idle.
const NICENESS: i32 = 10;

/// Does some work in a thread of its own that gives way to all others of this process, as do the threads that it begins.
///
/// # Errors
/// There is no thread to be had.
pub fn aside<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let giving_way = move || {
            // Of this thread alone, as Linux has it. Where it may not be said, the list is read all the same.
            if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
                tracing::debug!(%error, "a list's thread does not give way");
            }
            work()
        };
        let thread = thread::Builder::new().name("list".to_owned()).spawn_scoped(scope, giving_way)?;
        thread.join().map_or_else(|panic| std::panic::resume_unwind(panic), Ok)
    })
}

#[cfg(test)]
mod tests {
    use super::{NICENESS, aside};

    /// As the kernel has it (proc(5), field 19).
    fn niceness() -> i32 {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let behind_name = stat.rsplit_once(')').unwrap().1;
        behind_name.split_whitespace().nth(16).unwrap().parse().unwrap()
    }

    #[test]
    fn the_work_and_what_it_begins_give_way_and_who_asked_does_not() {
        let before = niceness();
        let (own, begun) = aside(|| (niceness(), std::thread::spawn(niceness).join().unwrap())).unwrap();
        assert_eq!((own, begun), (NICENESS, NICENESS));
        assert_eq!(niceness(), before);
    }

    #[test]
    fn a_panic_goes_on_where_the_work_was_asked_for() {
        let panicked = std::panic::catch_unwind(|| aside(|| panic!("of the work")).map(|(): ()| ()));
        assert!(panicked.is_err());
    }
}
