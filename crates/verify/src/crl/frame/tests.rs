use enishi_jpki::asn1::{DerFault, Reader};
use proptest::prelude::{any, prop, prop_assert_eq, proptest};

use super::Frame;

proptest! {
    /// What the reader of whole elements says of the same octets.
    #[test]
    fn frames_agree_with_the_reader(
        head in prop::collection::vec(any::<u8>(), 0..6), long in any::<bool>(), length in 0_usize..300,
    ) {
        let mut input = head;
        if long && input.len() > 2 {
            input[1] = 0x80 | (input[1] & 3);
        }
        input.resize(input.len() + length, 0);
        let read = Reader::new(&input).any();
        match (Frame::read(&input), read) {
            (Ok(Some(frame)), Ok(element)) => {
                prop_assert_eq!((frame.tag, frame.octets()), (element.tag(), element.raw().len()));
                prop_assert_eq!(frame.content, element.content().len());
            }
            (Ok(Some(frame)), Err(error)) => {
                prop_assert_eq!(error.fault, DerFault::Truncated);
                prop_assert_eq!(frame.octets() > input.len(), true);
            }
            (Ok(None), read) => prop_assert_eq!(read.map(|_| ()).unwrap_err().fault, DerFault::Truncated),
            (Err(fault), read) => prop_assert_eq!(read.map(|_| ()).unwrap_err().fault, fault),
        }
    }
}
