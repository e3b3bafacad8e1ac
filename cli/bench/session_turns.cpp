#include "bench/session_turns.hpp"

#include "bench/bench_store.hpp"
#include "bench/documents.hpp"

#include <fmt/format.h>

#include <utility>

namespace atto::cli::bench {

boost::asio::awaitable<step> save(session_store& store, const std::string& id, snapshot snap, diagnostics& diag) {
  const std::size_t bytes = text_bytes(snap.state) + text_bytes(snap.history);
  save_options how;
  how.diag = &diag;
  const auto [ec, version] = co_await store.async_save(id, std::move(snap), how, results);
  co_return step(ec, bytes, 1);
}

boost::asio::awaitable<step> append(session_store& store, const std::string& id, std::int64_t base, turn t,
                                    diagnostics& diag) {
  const std::size_t bytes = text_bytes(t.state) + text_bytes(t.events);
  append_options how;
  how.diag = &diag;
  const auto [ec, version] = co_await store.async_append(id, base, std::move(t), how, results);
  co_return step(ec, bytes, 1);
}

std::string session_id(const std::string& run, std::size_t number) {
  return fmt::format("{}{}:{:08}", id_prefix, run, number);
}

}  // namespace atto::cli::bench
