#pragma once

#include <atto/export.hpp>
#include <atto/json.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <ranges>
#include <string>
#include <string_view>

namespace atto {

/// The small, mutable part of a session: named JSON values, in the byte order of their names.
///
/// Names that begin with `temp:` live in this object only: no store keeps them, and bytes() leaves them out.
/// A name is UTF-8 of any length, U+0000 included; an unpaired surrogate, which JSON allows in a name, is held in its
/// three-byte form (WTF-8) so that it comes back as it was.
///
/// A forward range of pairs of name and value.
///
/// Thread-safety: distinct objects are independent.
class ATTO_EXPORT state {
 public:
  static constexpr std::string_view temp_prefix = "temp:";
  using values = std::map<std::string, json, std::less<>>;
  using value_type = values::value_type;
  using const_iterator = values::const_iterator;
  using iterator = const_iterator;  // values are replaced by set()

  state();

  /// The members of a JSON object; of duplicate members the last one wins.
  /// Errors (thrown as error_with_diagnostics): invalid_document when `object` is not an object.
  [[nodiscard]] static state from_object(const json& object);

  /// Sets one value, replacing an older one.
  /// Errors (thrown as error_with_diagnostics): invalid_document when `name` is neither UTF-8 nor WTF-8, with the
  /// offset of the first bad byte; nothing is changed then.
  void set(std::string name, json value);

  /// The value of `name`, or nullptr. Valid until the value is replaced or erased.
  [[nodiscard]] const json* find(std::string_view name) const;
  [[nodiscard]] bool contains(std::string_view name) const { return find(name) != nullptr; }

  /// Removes one value; false when there was none.
  bool erase(std::string_view name);
  void clear() noexcept;

  [[nodiscard]] bool empty() const noexcept { return values_.empty(); }
  /// The number of values, `temp:` ones included. See bytes() for how much they take.
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  [[nodiscard]] const_iterator begin() const noexcept { return values_.begin(); }
  [[nodiscard]] const_iterator end() const noexcept { return values_.end(); }

  /// What a store keeps: the object of all values but the `temp:` ones. It nests one level deeper than its deepest
  /// value, so it is the one document that may pass json::max_depth, by one; stores take it and give it back.
  [[nodiscard]] json stored() const;
  /// A copy without the `temp:` values: what a load gives back.
  [[nodiscard]] state without_temp() const;
  /// What stored() counts towards the session's size limit, in bytes. Complexity: linear in size().
  [[nodiscard]] std::size_t bytes() const;

  /// Equal as values, `temp:` included.
  [[nodiscard]] friend bool operator==(const state& a, const state& b) { return a.values_ == b.values_; }

 private:
  values values_;
};

static_assert(std::ranges::forward_range<const state> && std::ranges::sized_range<const state>);

}  // namespace atto
