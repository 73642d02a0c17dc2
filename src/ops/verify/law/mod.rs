//! The law read once more, plainly and apart from the operations: what each record must be by its own days, how it
//! may have come there, and what its surroundings oblige to. Nothing here calls the rules that it checks.

pub mod declaration;
pub mod duty;
pub mod licence;
pub mod plain;

/// Holds, or what does not.
pub type Held = Result<(), String>;

pub(super) fn hold(that: bool, otherwise: &str) -> Held {
    if that {
        Ok(())
    } else {
        Err(otherwise.to_owned())
    }
}
