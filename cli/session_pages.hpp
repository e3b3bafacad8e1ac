#pragma once

#include "run_at_once.hpp"

#include <atto/session_store.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace atto::cli {

/// Walks through a store's sessions in the order of their ids, a bounded page at a time.
class session_pages {
 public:
  /// All arguments but `prefix` must outlive this object.
  session_pages(boost::asio::io_context& context, session_store& store, std::string prefix)
      : context_(context), store_(store), prefix_(std::move(prefix)) {}

  /// The next page; an empty one at the end. Errors (thrown): error_with_diagnostics.
  [[nodiscard]] session_page next();

 private:
  boost::asio::io_context& context_;
  session_store& store_;
  std::string prefix_;
  std::string after_;
};

/// Calls `treat(info)`, a coroutine function, for every session of `page`, `at_once` of them at a time, for as long as
/// `going_on()` is true.
template <class Treat, class GoingOn>
class page_work {
 public:
  page_work(const session_page& page, Treat treat, GoingOn going_on)
      : page_(page), treat_(std::move(treat)), going_on_(std::move(going_on)) {}

  void run(boost::asio::io_context& context, std::size_t at_once) {
    run_at_once(context, at_once, [this](std::size_t) { return work(); });
  }

 private:
  boost::asio::awaitable<void> work() {
    while (next_ < page_.size() && going_on_()) {
      const session_info& info = page_[next_++];
      co_await treat_(info);
    }
  }

  const session_page& page_;
  Treat treat_;
  GoingOn going_on_;
  std::size_t next_ = 0;
};

}  // namespace atto::cli
