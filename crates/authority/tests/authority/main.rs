//! The sandbox authority as its users meet it.

#[cfg(test)]
mod http;
#[cfg(test)]
mod issuing;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod openssl;
#[cfg(test)]
mod partitions;
#[cfg(test)]
mod presigned;
#[cfg(test)]
mod profile;
#[cfg(test)]
mod responder;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod sharing;
#[cfg(test)]
mod stalling;
#[cfg(test)]
mod verifier;
#[cfg(test)]
mod world;
