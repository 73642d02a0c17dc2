//! The command line: reads the configuration, runs one command, turns its outcome into an exit code
//! (0 done, 1 failed or something does not hold, 2 wrong usage).

use std::process::ExitCode;

use clap::Parser as _;
use kaixu::cli::{self, Arguments};
use mimalloc::MiMalloc;

/// The system's allocator keeps what the index writer's many short threads gave back: a million patents held
/// twice the memory.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("kaixu: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(cli::run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kaixu: {error:#}");
            ExitCode::FAILURE
        }
    }
}
