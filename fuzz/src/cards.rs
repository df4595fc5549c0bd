//! The software card: what comes over its wire, and the file it is kept in.

use std::fs;

use enishi_card::{CardImage, SoftwareCard};

use crate::{Reading, world};

/// No terminal needs more within one touch, and each may cost an RSA signature.
const COMMANDS_MAX: usize = 24;

/// Commands, each with its length in one octet before it; a powered card answers each with a status word.
pub(crate) fn commands(data: &[u8]) -> Reading {
    let mut understood = false;
    let mut card = SoftwareCard::in_memory(world::get().card_image());
    let mut rest = data;
    for _ in 0..COMMANDS_MAX {
        let Some((length, after)) = rest.split_first() else { break };
        let (command, after) = after.split_at_checked(usize::from(*length)).unwrap_or((after, &[]));
        let answer = card.transmit(command);
        assert!(answer.len() >= 2, "an answer without a status word");
        understood |= answer.ends_with(&[0x90, 0x00]);
        rest = after;
    }
    Reading::of(understood)
}

/// An image file: what loads can be written, and loads again.
pub(crate) fn image(data: &[u8]) -> Reading {
    let folder = world::folder();
    let (file, again) = (folder.join("card.toml"), folder.join("again.toml"));
    if fs::write(&file, data).is_err() || !world::only_mine(&file) {
        return Reading::Refused;
    }
    let Ok(image) = CardImage::load(&file) else { return Reading::Refused };
    drop(fs::remove_file(&again));
    assert!(image.create(&again).is_ok(), "an image that cannot be written");
    assert!(CardImage::load(&again).is_ok(), "an image that cannot be read again");
    Reading::Understood
}
