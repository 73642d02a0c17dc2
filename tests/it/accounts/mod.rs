//! People: registering, signing in, inboxes, delegation, mail; through the router, with cookies, on both databases.

pub mod entering;
mod inboxes;
mod mailing;
mod parties;
mod providers;
mod rules;
mod second_factor;
mod signing;
