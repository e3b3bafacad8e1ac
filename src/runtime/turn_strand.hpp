#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace atto::detail {

/// The id, in its actor, of the session whose turn this thread is running just now; empty when there is none.
inline thread_local std::string_view current_session;

/// Sets current_session while it lives.
class in_turn_of {
 public:
  explicit in_turn_of(std::string_view session) noexcept : before_(std::exchange(current_session, session)) {}
  ~in_turn_of() { current_session = before_; }
  in_turn_of(const in_turn_of&) = delete;
  in_turn_of& operator=(const in_turn_of&) = delete;

 private:
  std::string_view before_;
};

/// Runs what it is given on another executor, in the turn of a session: so a handler that calls for its own session
/// is noticed, wherever its coroutine has got to.
class turn_executor {
 public:
  turn_executor(boost::asio::any_io_executor inner, std::shared_ptr<const std::string> session) noexcept
      : inner_(std::move(inner)), session_(std::move(session)) {}

  template <class Function>
  void execute(Function f) const {
    inner_.execute([session = session_, f = std::move(f)]() mutable {
      const in_turn_of here(*session);
      std::move(f)();
    });
  }

  template <class Property>
  requires boost::asio::can_query_v<const boost::asio::any_io_executor&, Property>
  [[nodiscard]] decltype(auto) query(const Property& p) const noexcept { return boost::asio::query(inner_, p); }
  template <class Property>
  requires boost::asio::can_require_v<const boost::asio::any_io_executor&, Property>
  [[nodiscard]] turn_executor require(const Property& p) const { return {boost::asio::require(inner_, p), session_}; }
  template <class Property>
  requires boost::asio::can_prefer_v<const boost::asio::any_io_executor&, Property>
  [[nodiscard]] turn_executor prefer(const Property& p) const { return {boost::asio::prefer(inner_, p), session_}; }

  friend bool operator==(const turn_executor& a, const turn_executor& b) noexcept {
    return a.inner_ == b.inner_ && a.session_ == b.session_;
  }

 private:
  boost::asio::any_io_executor inner_;
  std::shared_ptr<const std::string> session_;
};

}  // namespace atto::detail
