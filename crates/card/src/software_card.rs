//! A card in software: the JPKI application of a My Number Card as a pure state machine over APDUs.

use std::fmt;
use std::path::Path;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

use crate::error::CardError;
use crate::image::{CardImage, Form, ImageFault, ImageFile, PinName};

mod apdu;
mod face_files;
mod file;
mod pin;
mod read;
mod renewal;
mod select;
mod sign;
mod status;

use apdu::{Body, BodyFault, Header};
use file::{Application, FileId};
use status::Status;

/// A My Number Card, or the JPKI token of a phone, in software.
///
/// Answers as measured cards do where that is published, and as the comments say where it is not. It knows no
/// secure messaging, no card-verifiable terminal certificates and no application but JPKI and the text of the
/// card's face (券面入力補助AP).
pub struct SoftwareCard {
    image: CardImage,
    memory: Memory,
    power: Power,
    application: Application,
    current: Option<FileId>,
    verified: Verified,
}

/// Where the retry counters live on.
enum Memory {
    /// In this process only.
    Volatile,
    /// In a file, replaced before the answer to a VERIFY goes out.
    File(ImageFile),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Power {
    On,
    Off,
}

/// The PINs that were presented rightly since the application was selected.
#[derive(Default)]
struct Verified(Vec<PinName>);

impl SoftwareCard {
    /// The answer to reset, the one that the contact cards known to OpenSC give; it announces T=1.
    pub const ATR: [u8; 9] = [0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14];

    /// A card whose counters end with the process; it is powered and has just been reset.
    #[must_use]
    pub fn in_memory(image: CardImage) -> Self {
        Self::powered(image, Memory::Volatile)
    }

    /// The card in a file, held under a lock until it is dropped; it is powered and has just been reset.
    ///
    /// # Errors
    /// [`CardError::Image`] if the file is no image, open to others, or held by another card.
    pub fn open(path: &Path) -> Result<Self, CardError> {
        let (file, image) = ImageFile::open(path)?;
        Ok(Self::powered(image, Memory::File(file)))
    }

    fn powered(image: CardImage, memory: Memory) -> Self {
        Self {
            image,
            memory,
            power: Power::On,
            application: Application::IssuerDomain,
            current: None,
            verified: Verified::default(),
        }
    }

    /// What is on the card.
    #[must_use]
    pub fn image(&self) -> &CardImage {
        &self.image
    }

    /// Switches the card on: nothing is selected but the issuer's domain, no PIN is verified.
    pub fn power_on(&mut self) {
        self.power = Power::On;
        self.enter(Application::IssuerDomain);
    }

    /// Switches the card off; verified PINs are forgotten.
    pub fn power_off(&mut self) {
        self.power = Power::Off;
        self.enter(Application::IssuerDomain);
    }

    /// Resets the card without taking its power: as measured, a verified PIN stays verified.
    ///
    /// What stays selected is not published; a PIN belongs to its application, so here that stays too, and only
    /// the current file is forgotten.
    pub fn warm_reset(&mut self) {
        self.current = None;
    }

    /// Answers one command with data and status word; a card without power gives no byte at all.
    pub fn transmit(&mut self, apdu: &[u8]) -> Vec<u8> {
        if self.power == Power::Off {
            return Vec::new();
        }
        let (mut answer, status) = match self.execute(apdu) {
            Ok(data) => (data, Status::OK),
            Err(status) => (Vec::new(), status),
        };
        answer.extend_from_slice(&status.to_bytes());
        answer
    }

    fn execute(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Status> {
        let (header, rest) = Header::split(apdu)?;
        header.check_class()?;
        let command = Instruction::of(header).ok_or(Status::INSTRUCTION_NOT_PROVIDED)?;
        let body = Body::parse(rest).map_err(|fault| match (fault, command) {
            // Measured: GET CHALLENGE alone refuses the extended form this way.
            (BodyFault::Extended, Instruction::GetChallenge) => Status::CONDITIONS_NOT_MET,
            _ => Status::WRONG_LENGTH,
        })?;
        match command {
            Instruction::Select => self.select(header, body),
            Instruction::ReadBinary => self.read_binary(header, body),
            Instruction::ReadRecord => self.read_record(header),
            Instruction::Verify => self.verify(header, body),
            Instruction::ChangeReferenceData => self.change_reference_data(header, body),
            Instruction::Sign => self.sign(header, body),
            Instruction::GetChallenge => get_challenge(header, body),
            Instruction::GetData => get_data(header, body),
            Instruction::InternalAuthenticate => self.internal_authenticate(header),
            // The card wants a terminal certificate under parameters that nobody has found.
            Instruction::TerminalCertificate => Err(Status::WRONG_P1_P2),
            // Measured inside the JPKI application, with and without a PIN.
            Instruction::SetSessionKey => Err(Status::SECURITY_STATUS),
            Instruction::LastCommand => self.last_command(header, body),
        }
    }

    /// Makes an application current; its files are not selected yet, its PINs not presented.
    fn enter(&mut self, application: Application) {
        self.application = application;
        self.current = None;
        self.verified = Verified::default();
    }

    /// The file that a reference names: `80` for the current one, `80 + short identifier` for another.
    fn referenced(&self, p2: u8) -> Result<FileId, Status> {
        match (p2 & 0xE0, p2 & 0x1F) {
            (0x80, 0) => self.current.ok_or(Status::NO_CURRENT_FILE),
            (0x80, short) => {
                let file = FileId::from_short(short);
                self.file(file).map(|_| file).ok_or(Status::REFERENCE_NOT_FOUND)
            }
            _ => Err(Status::WRONG_P1_P2),
        }
    }

    /// Makes the counters as durable as the card is.
    fn persist(&mut self) -> Result<(), ImageFault> {
        match &mut self.memory {
            Memory::Volatile => Ok(()),
            Memory::File(file) => file.replace(&self.image),
        }
    }

    /// INTERNAL AUTHENTICATE exists, but the one key that answers it is in an application this card lacks.
    fn internal_authenticate(&self, header: Header) -> Result<Vec<u8>, Status> {
        let file = self.referenced(header.p2)?;
        match self.file(file) {
            Some(file::File::Key { .. }) => Err(Status::SECURITY_STATUS),
            _ => Err(Status::WRONG_FILE_STRUCTURE),
        }
    }

    /// `80 FC 00 00`, by which a reader tells a phone that it is done; cards refuse its length.
    fn last_command(&mut self, header: Header, body: Body<'_>) -> Result<Vec<u8>, Status> {
        match self.image.form() {
            Form::Phone if header.p1_p2() != 0 => Err(Status::WRONG_P1_P2),
            Form::Phone if body.data.is_empty() && body.le.is_none() => {
                // What a phone forgets then is not published; forgetting the PINs is the careful reading.
                self.verified = Verified::default();
                Ok(Vec::new())
            }
            Form::Card | Form::Phone => Err(Status::WRONG_LENGTH),
        }
    }
}

impl fmt::Debug for SoftwareCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftwareCard").field("image", &self.image).finish_non_exhaustive()
    }
}

impl Verified {
    fn holds(&self, name: PinName) -> bool {
        self.0.contains(&name)
    }

    fn add(&mut self, name: PinName) {
        if !self.holds(name) {
            self.0.push(name);
        }
    }

    fn remove(&mut self, name: PinName) {
        self.0.retain(|held| *held != name);
    }
}

/// The commands that the card knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instruction {
    Select,
    ReadBinary,
    ReadRecord,
    Verify,
    ChangeReferenceData,
    GetChallenge,
    InternalAuthenticate,
    GetData,
    Sign,
    TerminalCertificate,
    SetSessionKey,
    LastCommand,
}

impl Instruction {
    fn of(header: Header) -> Option<Self> {
        Some(match (header.cla, header.ins) {
            (0x00, 0xA4) => Self::Select,
            (0x00, 0xB0) => Self::ReadBinary,
            (0x00, 0xB2) => Self::ReadRecord,
            (0x00, 0x20) => Self::Verify,
            (0x00, 0x24) => Self::ChangeReferenceData,
            (0x00, 0x84) => Self::GetChallenge,
            (0x00, 0x88) => Self::InternalAuthenticate,
            (0x00, 0xCA) => Self::GetData,
            (0x80, 0x2A) => Self::Sign,
            (0x80, 0xA2) => Self::TerminalCertificate,
            (0x80, 0xAE) => Self::SetSessionKey,
            (0x80, 0xFC) => Self::LastCommand,
            _ => return None,
        })
    }
}

/// As many random bytes as the reader asks for.
fn get_challenge(header: Header, body: Body<'_>) -> Result<Vec<u8>, Status> {
    if header.p1_p2() != 0 {
        return Err(Status::WRONG_P1_P2);
    }
    let mut challenge = vec![0; body.only_le()?];
    SystemRandom::new().fill(&mut challenge).map_err(|_| Status::SELF_DIAGNOSIS_FAILURE)?;
    Ok(challenge)
}

/// The ATR without its first byte; real cards hold more objects, which name their issuer.
fn get_data(header: Header, body: Body<'_>) -> Result<Vec<u8>, Status> {
    let le = body.only_le()?;
    if header.p1_p2() != CONTACT_ATR_TAG {
        return Err(Status::REFERENCE_NOT_FOUND);
    }
    let [_, stored @ ..] = SoftwareCard::ATR;
    // Measured: a card refuses an Le that is too short rather than naming the right one.
    if le < stored.len() { Err(Status::WRONG_LENGTH) } else { Ok(stored.to_vec()) }
}

/// The data object that holds the ATR of the contact interface.
const CONTACT_ATR_TAG: u16 = 0x5F51;
