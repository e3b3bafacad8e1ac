#include "json/pointer.hpp"

#include "base/utf8.hpp"
#include "json/string_token.hpp"
#include "json/tokens.hpp"

#include <vector>

namespace atto::json_text {

namespace {

struct step {
  bool object;
  bool expects_name;
  std::size_t index;
  std::string_view name;
};

/// The arrays and objects that are open at `stop`, outermost first.
std::vector<step> path_to(const char* p, const char* stop) {
  std::vector<step> path;
  while (p < stop) {
    switch (*p) {
      case '{':
      case '[':
        path.push_back({*p == '{', *p == '{', 0, {}});
        break;
      case '}':
      case ']':
        path.pop_back();
        break;
      case ',':
        path.back().expects_name = path.back().object;
        ++path.back().index;
        break;
      case '"': {
        const std::string_view token = string_at(p);
        if (!path.empty() && path.back().expects_name) {
          path.back().name = token;
          path.back().expects_name = false;
        }
        p += token.size() - 1;
        break;
      }
      default:
        break;
    }
    ++p;
  }
  return path;
}

void append_name(std::string& out, std::string_view token) {
  const std::string name = decode(token);
  const char* const end = name.data() + name.size();
  for (const char* p = name.data(); p != end; ++p) {
    if (*p == '~') {
      out.append("~0");
    } else if (*p == '/') {
      out.append("~1");
    } else if (utf8::is_surrogate(p, end)) {
      out.append("\xEF\xBF\xBD");
      p += 2;
    } else {
      out.push_back(*p);
    }
  }
}

}  // namespace

std::string pointer_to(std::string_view text, std::size_t offset) {
  std::string out;
  for (const step& s : path_to(text.data(), text.data() + offset)) {
    out.push_back('/');
    if (s.object) {
      append_name(out, s.name);
    } else {
      out.append(std::to_string(s.index));
    }
  }
  return out;
}

}  // namespace atto::json_text
