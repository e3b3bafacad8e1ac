#include <atto/atto.hpp>
#include <atto/boost_json.hpp>

#include <boost/json/conversion.hpp>

#include <cstdint>
#include <exception>
#include <iostream>
#include <string>

namespace {

/// A type of the user's own, with Boost.JSON's conversions.
struct booking {
  std::string city;
  std::int64_t nights = 0;
  bool operator==(const booking&) const = default;
};

void tag_invoke(boost::json::value_from_tag, boost::json::value& to, const booking& b) {
  to = {{"city", b.city}, {"nights", b.nights}};
}

booking tag_invoke(boost::json::value_to_tag<booking>, const boost::json::value& from) {
  return {boost::json::value_to<std::string>(from.at("city")), from.at("nights").to_number<std::int64_t>()};
}

bool comes_back_equal(const booking& given) {
  atto::blocking_store store("sqlite:own_types.db");
  store.ensure_schema();
  atto::turn turn;
  turn.events.push_back(atto::to_json(given));
  store.append("consumer", 0, turn);
  const auto loaded = store.load("consumer");
  return loaded && atto::from_json<booking>(*loaded->history.begin()) == given;
}

}  // namespace

int main() {
  try {
    return comes_back_equal({"Ghent", 3}) ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
