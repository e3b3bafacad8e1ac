#include "fuzz/second_parser.hpp"
#include "fuzz/targets.hpp"

#include <atto/history.hpp>
#include <atto/json.hpp>
#include <atto/state.hpp>

#include "base/utf8.hpp"
#include "json/compact.hpp"
#include "json/scanner.hpp"
#include "json/stored_form.hpp"

#include <boost/json/parse.hpp>

#include <string>
#include <utility>

namespace atto::fuzz {

namespace {

using json_text::fault;
using stored_form::dialect;

bool is_limit(fault f) {
  return f == fault::number_too_long || f == fault::too_deep || f == fault::too_large;
}

/// Two parsers agree, but for what one of them cannot hold.
void compare(std::string_view input, fault ours) {
  if (ours == fault::none) {
    const second_opinion theirs = ask_boost(without_unpaired_surrogates(std::string(input)));
    require(theirs.accepted || theirs.too_large_exponent, "we take what the second parser refuses");
  } else if (!is_limit(ours)) {
    require(!ask_boost(input).accepted, "we refuse what the second parser takes");
  }
}

void expect_refused(std::string_view input, const error_code& ec, const diagnostics& diag) {
  require(ec == errc::invalid_document || ec == errc::too_large, "an undocumented error");
  require(!diag.message().empty(), "an error without words");
  for (const char c : diag.message()) require(static_cast<unsigned char>(c) >= 0x20U, "more than one line");
  require(utf8::first_invalid(diag.message()) == std::nullopt, "a message that is not UTF-8");
  require(!diag.offset() || *diag.offset() <= input.size(), "an offset outside the text");
}

void round_trip(const json& document, dialect d) {
  const history events{document, document};
  const std::string text = stored_form::encode(events, d);
  require(text.size() <= (events.bytes() + 12 * events.size()) / 6 * 7 + 2, "the stored form outgrows its count");
  if (d == dialect::jsonb) {
    const second_opinion fit = ask_boost(text);
    require(fit.accepted && !fit.holds_nul, "jsonb would refuse the stored form");
  }
  const auto back = stored_form::decode_events(text, d);
  require(back.has_value() && *back == events, "events come back changed");
  require(back->bytes() <= events.bytes(), "events grow by being stored");
  const auto turns = stored_form::decode_turns("[" + text + ",[]]", d);
  require(turns.has_value() && *turns == events, "turns come back changed");
  if (!document.is_object()) return;
  const state s = state::from_object(document);
  const auto state_back = stored_form::decode_state(stored_form::encode(s, d), d);
  require(state_back.has_value() && *state_back == s.without_temp(), "a state comes back changed");
  require(state_back->bytes() <= s.bytes(), "a state grows by being stored");
}

void check_document(const json& document) {
  const json again{std::string(document.text())};
  require(again.text() == document.text() && again.bytes() == document.bytes(),
          "a document's text is another document");
  require(again == document, "a document is not itself");
  std::string compact;
  json_text::append_compact(compact, document.text());
  const json small(compact);
  require(small == document && document == small, "white space changes a document");
  require(small.bytes() <= document.bytes(), "less text counts more");
  round_trip(document, dialect::plain);
  round_trip(document, dialect::jsonb);
}

void check_string(std::string_view input) {
  if (utf8::first_invalid(input)) return;
  const json quoted = json::string(input);
  require(boost::json::parse(quoted.text()).as_string() == input, "a string's token is another string");
}

}  // namespace

/// The reader of documents: its judgement beside that of a second parser, and the ways into a database and back.
void json_reader(std::string_view input) {
  compare(input, json_text::scan(input, {}).what);
  diagnostics diag;
  const auto document = json::parse(std::string(input), &diag);
  if (document) {
    check_document(*document);
  } else {
    expect_refused(input, document.error(), diag);
  }
  check_string(input);
  for (const dialect d : {dialect::plain, dialect::jsonb}) {
    // What lies in a database may be anything.
    static_cast<void>(stored_form::decode_state(std::string(input), d));
    static_cast<void>(stored_form::decode_events(std::string(input), d));
    static_cast<void>(stored_form::decode_turns(std::string(input), d));
  }
}

}  // namespace atto::fuzz
