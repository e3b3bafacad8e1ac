#pragma once

#include <atto/export.hpp>
#include <atto/json.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>

namespace atto {

/// The small, mutable part of a session: named JSON values, in the byte order of their names.
///
/// Names that begin with `temp:` live in this object only: no store keeps them, and bytes() leaves them out.
/// A name is UTF-8 of any length, U+0000 included. JSON allows an unpaired surrogate in a name: it is held in its
/// three-byte form (WTF-8), so that it comes back as it was.
///
/// A forward range of pairs of name and value. An iterator and the result of find() are valid until this object is
/// changed by a non-const member function, assigned to, moved from or destroyed.
///
/// Copies share their values until one of them is changed: to copy costs one atomic increment. The first change of a
/// state that shares its values copies them all; complexity: linear in size(). An empty state allocates nothing.
///
/// Exception safety: strong; only allocation and the errors below throw. Copying and moving do not throw.
/// Thread-safety: distinct objects are independent, also when they share values. A moved-from state is empty.
class ATTO_EXPORT state {
 public:
  static constexpr std::string_view temp_prefix = "temp:";
  using values = std::map<std::string, json, std::less<>>;
  using value_type = values::value_type;
  using const_iterator = values::const_iterator;
  using iterator = const_iterator;  // values are replaced by set()

  state() noexcept = default;
  state(const state& other) noexcept : shared_(other.shared_) {
    if (shared_ != nullptr) share();
  }
  state& operator=(const state& other) noexcept { return *this = state(other); }
  state(state&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
  state& operator=(state&& other) noexcept {
    state moved(std::move(other));
    std::swap(shared_, moved.shared_);
    return *this;
  }
  ~state() {
    if (shared_ != nullptr) release();
  }

  /// The members of a JSON object; of duplicate members the last one wins.
  /// Errors (thrown as error_with_diagnostics): invalid_document when `object` is not an object.
  [[nodiscard]] static state from_object(const json& object);

  /// Sets one value, replacing an older one.
  /// Errors (thrown as error_with_diagnostics): invalid_document when `name` is neither UTF-8 nor WTF-8, with the
  /// offset of the first bad byte; nothing is changed then.
  void set(std::string name, json value);

  /// The value of `name`, or nullptr. Valid as an iterator is.
  [[nodiscard]] const json* find(std::string_view name) const;
  [[nodiscard]] bool contains(std::string_view name) const { return find(name) != nullptr; }

  /// Removes one value; false when there was none.
  bool erase(std::string_view name);
  void clear() noexcept;

  [[nodiscard]] bool empty() const noexcept { return shared_ == nullptr; }
  /// The number of values, `temp:` ones included. See bytes() for how much they take.
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] const_iterator begin() const noexcept;
  [[nodiscard]] const_iterator end() const noexcept;

  /// What a store keeps: the object of all values but the `temp:` ones. It nests one level deeper than its deepest
  /// value, so it is the one document that may pass json::max_depth, by one; stores take it and give it back.
  [[nodiscard]] json stored() const;
  /// A copy without the `temp:` values: what a load gives back. Complexity: constant when there are none, and then it
  /// shares this object's values; linear in size() when there are some.
  [[nodiscard]] state without_temp() const;
  /// What stored() counts towards the session's size limit, in bytes. Complexity: constant.
  [[nodiscard]] std::size_t bytes() const noexcept;

  /// Equal as values, `temp:` included. Complexity: constant when both share their values.
  [[nodiscard]] friend bool operator==(const state& a, const state& b) { return equal(a, b); }

 private:
  struct shared_values;

  explicit state(shared_values* made) noexcept : shared_(made) {}
  void share() const noexcept;
  void release() const noexcept;
  [[nodiscard]] static bool equal(const state& a, const state& b);
  /// The same values, in a block that no other state shares.
  [[nodiscard]] state separate() const;

  shared_values* shared_ = nullptr;  // null when empty, and only then
};

static_assert(std::ranges::forward_range<const state> && std::ranges::sized_range<const state>);

}  // namespace atto
