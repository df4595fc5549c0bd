use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::StallGuard;

const SHORT: Duration = Duration::from_millis(20);

#[tokio::test]
async fn a_reader_that_stops_makes_the_writer_fail() {
    let (near, _far) = duplex(16);
    let mut guarded = StallGuard::new(near, SHORT);
    let error = guarded.write_all(&[0; 1000]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}

#[tokio::test]
async fn a_reader_that_goes_on_is_waited_for_however_long_the_whole_takes() {
    let (near, mut far) = duplex(16);
    let mut guarded = StallGuard::new(near, 20 * SHORT);
    let reader = tokio::spawn(async move {
        let mut piece = [0; 100];
        let mut total = 0;
        while total < 1000 {
            tokio::time::sleep(SHORT).await;
            total += far.read(&mut piece).await.unwrap();
        }
        total
    });
    guarded.write_all(&[0; 1000]).await.unwrap();
    assert_eq!(reader.await.unwrap(), 1000);
}
