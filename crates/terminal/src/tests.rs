//! The flows against a relay of the tests over mutual TLS, and a card in software.

mod crash;
mod enrol;
mod fake_relay;
mod lost;
mod pay;
mod person;
mod plastic;
mod pulled;
mod world;
