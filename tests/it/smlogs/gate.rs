//! A way to the API server that can be closed.

use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Forwards connections until it is closed.
pub(super) struct Gate {
    port: u16,
    is_closed: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<TcpStream>>>,
}

impl Gate {
    /// An open gate to `server`, an address such as `https://127.0.0.1:6443`.
    pub(super) fn to(server: &str) -> Self {
        let server = server.trim_start_matches("https://").to_owned();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let gate = Self { port, is_closed: Arc::default(), streams: Arc::default() };
        let (is_closed, streams) = (Arc::clone(&gate.is_closed), Arc::clone(&gate.streams));
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if is_closed.load(Ordering::Relaxed) {
                    return;
                }
                if let Ok(far) = TcpStream::connect(&server) {
                    let mut streams = streams.lock().unwrap_or_else(PoisonError::into_inner);
                    for (from, to) in [(&near, &far), (&far, &near)] {
                        forward(copy_of(from), copy_of(to));
                        streams.push(copy_of(from));
                    }
                }
            }
        });
        gate
    }

    /// Its address.
    pub(super) fn address(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// Cuts all connections and takes no new one.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        // The listener looks up once more and goes.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        for stream in self.streams.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.close();
    }
}

fn copy_of(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("a socket can be duplicated")
}

fn forward(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}
