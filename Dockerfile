# syntax=docker/dockerfile:1
# Two stages: Rust builds the one program, Debian runs it as a user of its own. Nothing else is needed at run time.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin kaixu && cp target/release/kaixu /kaixu

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* && useradd --system --home /data kaixu && install -d -o kaixu /data
COPY --from=build /kaixu /usr/local/bin/kaixu
USER kaixu
VOLUME /data
ENV KAIXU_DATA=/data KAIXU_LISTEN=0.0.0.0:8080 KAIXU_LOG_JSON=true
EXPOSE 8080
ENTRYPOINT ["kaixu"]
CMD ["serve"]
