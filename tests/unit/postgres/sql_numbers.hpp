#pragma once

#include "postgres/statement.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// The numbers of the parameters in the text of a statement.
namespace atto::postgres::script {

/// Those that the text names outside of literals, as `$n`.
inline std::set<std::size_t> numbers_in(std::string_view sql) {
  std::set<std::size_t> numbers;
  bool literal = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') literal = !literal;
    if (literal || sql[i] != '$') continue;
    std::size_t n = 0;
    for (; i + 1 < sql.size() && std::isdigit(static_cast<unsigned char>(sql[i + 1])) != 0; ++i) {
      n = 10 * n + static_cast<std::size_t>(sql[i + 1] - '0');
    }
    numbers.insert(n);  // 0: a name was left
  }
  return numbers;
}

/// Each text names $1 to $n and no other, and has n parameters.
inline void expect_numbered(const std::vector<statement>& round) {
  EXPECT_FALSE(round.empty());
  for (const statement& s : round) {
    std::set<std::size_t> wanted;
    for (std::size_t n = 1; n <= s.parameters.size(); ++n) wanted.insert(n);
    EXPECT_EQ(numbers_in(s.sql->text), wanted) << s.sql->text;
  }
}

/// The bytes of the parameter that the text names right after `place`.
inline std::string value_at(const statement& s, std::string_view place) {
  const std::string& sql = s.sql->text;
  const auto at = sql.find(std::string(place) + "$");
  if (at == sql.npos) {
    ADD_FAILURE() << "no parameter after " << place << " in " << sql;
    return {};
  }
  return s.parameters.at(std::stoul(sql.substr(at + place.size() + 1)) - 1).bytes;
}

/// The `$n` of the first parameter with these bytes.
inline std::string number_of(const statement& s, std::string_view bytes) {
  std::size_t n = 0;
  while (n < s.parameters.size() && s.parameters[n].bytes != bytes) ++n;
  return "$" + std::to_string(n + 1);
}

}  // namespace atto::postgres::script
