use super::*;

#[test]
fn the_four_short_cases_are_told_apart() {
    assert_eq!(Body::parse(&[]), Ok(Body { data: &[], le: None }));
    assert_eq!(Body::parse(&[0x20]), Ok(Body { data: &[], le: Some(32) }));
    assert_eq!(Body::parse(&[0x00]), Ok(Body { data: &[], le: Some(256) }));
    assert_eq!(Body::parse(&[2, 0xAA, 0xBB]), Ok(Body { data: &[0xAA, 0xBB], le: None }));
    assert_eq!(Body::parse(&[2, 0xAA, 0xBB, 0]), Ok(Body { data: &[0xAA, 0xBB], le: Some(256) }));
}

#[test]
fn a_length_that_disagrees_with_the_command_is_a_fault() {
    assert_eq!(Body::parse(&[2, 0xAA]), Err(BodyFault::Inconsistent));
    assert_eq!(Body::parse(&[1, 0xAA, 0, 0]), Err(BodyFault::Inconsistent));
}

#[test]
fn the_extended_form_is_recognised_as_such() {
    assert_eq!(Body::parse(&[0, 1, 0]), Err(BodyFault::Extended));
    assert_eq!(Body::parse(&[0, 0, 1, 0xAA]), Err(BodyFault::Extended));
}
