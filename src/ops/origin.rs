//! From where a request comes, known to whatever is done for it without being handed from function to function, as its
//! tracing span is. Work that has no request (the command line, jobs) comes from nowhere.

use std::future::Future;

tokio::task_local! {
    static ADDRESS: String;
}

/// Does this for a request from an address.
pub async fn scope<T>(address: String, work: impl Future<Output = T>) -> T {
    ADDRESS.scope(address, work).await
}

/// The address of the request that is being served.
pub(super) fn address() -> Option<String> {
    ADDRESS.try_with(Clone::clone).ok()
}
