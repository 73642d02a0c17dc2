//! The trade's codes: each type can only hold a well-formed, normalised value, and says what is wrong
//! with one that is not.

pub mod industry;
pub mod ipc;
pub mod locarno;
pub mod number;
pub mod publication;
pub mod region;
pub mod uscc;

pub use ipc::Ipc;
pub use locarno::Locarno;
pub use number::AppNo;
pub use publication::PubNo;
pub use uscc::Uscc;
