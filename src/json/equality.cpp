#include "json/equality.hpp"

#include "json/number.hpp"
#include "json/string_token.hpp"
#include "json/tokens.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace atto::json_text {

namespace {

bool holds_escape(std::string_view token) noexcept {
  return token.find('\\') != token.npos;
}

bool equal_strings(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (!holds_escape(a) && !holds_escape(b)) return false;
  return decode(a) == decode(b);
}

/// Where every value and name of a document begins, in the order of the text; what lies inside a value follows it.
class outline {
 public:
  using index = std::uint32_t;

  explicit outline(std::string_view text) : end_(text.data() + text.size()) {
    std::vector<index> open;
    for (const char* p = text.data(); p != end_;) p = add(p, open);
  }

  [[nodiscard]] char kind(index i) const noexcept { return kind_of(*nodes_[i].begin); }
  [[nodiscard]] std::string_view leaf(index i) const noexcept { return leaf_at(nodes_[i].begin, end_); }
  /// The first node that is not part of `i`.
  [[nodiscard]] index after(index i) const noexcept { return nodes_[i].after; }

 private:
  struct node {
    const char* begin;
    index after;
  };

  const char* add(const char* p, std::vector<index>& open) {
    const auto here = static_cast<index>(nodes_.size());
    switch (*p) {
      case ' ':
      case '\t':
      case '\n':
      case '\r':
      case ',':
      case ':':
        return p + 1;
      case '{':
      case '[':
        nodes_.push_back({p, here});
        open.push_back(here);
        return p + 1;
      case '}':
      case ']':
        nodes_[open.back()].after = here;
        open.pop_back();
        return p + 1;
      default:
        nodes_.push_back({p, here + 1});
        return p + leaf_at(p, end_).size();
    }
  }

  const char* end_;
  std::vector<node> nodes_;
};

/// The members of one object: no name twice (the last one won), and in an order of their own.
class members {
 public:
  struct member {
    std::string_view name;
    outline::index value;
  };

  members(const outline& o, outline::index object) {
    for (outline::index i = object + 1; i != o.after(object); i = o.after(i + 1))
      list_.push_back({name(o.leaf(i)), i + 1});
    // jsonb's order, so that what comes from there is in order already.
    const auto before = [](const member& a, const member& b) {
      return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
    };
    if (!std::is_sorted(list_.begin(), list_.end(), before)) std::stable_sort(list_.begin(), list_.end(), before);
    const auto same = [](const member& a, const member& b) { return a.name == b.name; };
    list_.erase(list_.begin(), std::unique(list_.rbegin(), list_.rend(), same).base());
  }

  [[nodiscard]] std::size_t count() const noexcept { return list_.size(); }
  [[nodiscard]] const member& operator[](std::size_t i) const noexcept { return list_[i]; }

 private:
  std::string_view name(std::string_view token) {
    if (!holds_escape(token)) return token.substr(1, token.size() - 2);
    return decoded_.emplace_back(decode(token));
  }

  std::vector<member> list_;
  std::deque<std::string> decoded_;
};

/// Goes down both documents at once; as deep as they nest, which is bounded.
class comparison {
 public:
  comparison(std::string_view a, std::string_view b) : a_(a), b_(b) {}

  [[nodiscard]] bool values(outline::index a, outline::index b) const {
    if (a_.kind(a) != b_.kind(b)) return false;
    switch (a_.kind(a)) {
      case '{':
        return objects(a, b);
      case '[':
        return arrays(a, b);
      case '"':
        return equal_strings(a_.leaf(a), b_.leaf(b));
      case '0':
        return equal(split(a_.leaf(a)), split(b_.leaf(b)));
      default:
        return true;  // true, false and null have a kind each
    }
  }

 private:
  [[nodiscard]] bool arrays(outline::index a, outline::index b) const {
    outline::index i = a + 1;
    outline::index j = b + 1;
    while (i != a_.after(a) && j != b_.after(b)) {
      if (!values(i, j)) return false;
      i = a_.after(i);
      j = b_.after(j);
    }
    return i == a_.after(a) && j == b_.after(b);
  }

  [[nodiscard]] bool objects(outline::index a, outline::index b) const {
    const members left(a_, a);
    const members right(b_, b);
    if (left.count() != right.count()) return false;
    for (std::size_t i = 0; i < left.count(); ++i) {
      if (left[i].name != right[i].name || !values(left[i].value, right[i].value)) return false;
    }
    return true;
  }

  outline a_;
  outline b_;
};

}  // namespace

bool equal_values(std::string_view a, std::string_view b) {
  return a == b || comparison(a, b).values(0, 0);
}

}  // namespace atto::json_text
