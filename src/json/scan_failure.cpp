#include "json/scan_failure.hpp"

#include "json/pointer.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace atto::json_text {

namespace {

std::string_view what_is_wrong(fault what) noexcept {
  switch (what) {
    case fault::none:
      break;
    case fault::ends_early:
      return "it ends too early";
    case fault::expected_value:
      return "a value must come here";
    case fault::expected_name:
      return "a member's name, in quotes, must come here";
    case fault::expected_colon:
      return "a colon must come here";
    case fault::expected_comma:
      return "a comma, or the end of the array or object, must come here";
    case fault::after_document:
      return "only white space may follow the value";
    case fault::bad_literal:
      return "only true, false and null are written without quotes";
    case fault::bad_number:
      return "the number lacks a digit here";
    case fault::bad_escape:
      return "no such escape; a backslash itself is written twice";
    case fault::control_character:
      return "a control character in a string must be escaped";
    case fault::not_utf8:
      return "it is not UTF-8 here";
    case fault::too_deep:
    case fault::number_too_long:
    case fault::too_large:
      return "it passes a limit";
  }
  return "";
}

failure malformed(fault what, std::size_t offset) {
  diagnostics diag;
  diag.message(fmt::format("the document is not JSON at byte {}: {}", offset, what_is_wrong(what))).offset(offset);
  return {errc::invalid_document, std::move(diag)};
}

failure past_limit(const scan_result& scanned, std::string_view text, std::string message, std::size_t limit) {
  diagnostics diag;
  diag.message(std::move(message))
      .offset(scanned.offset)
      .pointer(pointer_to(text, scanned.offset))
      .limit(limit, scanned.found);
  return {errc::invalid_document, std::move(diag)};
}

}  // namespace

failure to_failure(const scan_result& scanned, std::string_view text) {
  switch (scanned.what) {
    case fault::too_deep:
      return past_limit(scanned, text,
                        fmt::format("the document nests deeper than {} levels at byte {}; flatten it", json::max_depth,
                                    scanned.offset),
                        json::max_depth);
    case fault::number_too_long:
      return past_limit(
          scanned, text,
          fmt::format("the number at byte {} has more than {} characters without an exponent; shorten it, or write it "
                      "as a string",
                      scanned.offset, json::max_number_length),
          json::max_number_length);
    case fault::too_large: {
      failure f = too_large(scanned.found);
      f.diag.offset(scanned.offset);
      return f;
    }
    case fault::none:
    case fault::ends_early:
    case fault::expected_value:
    case fault::expected_name:
    case fault::expected_colon:
    case fault::expected_comma:
    case fault::after_document:
    case fault::bad_literal:
    case fault::bad_number:
    case fault::bad_escape:
    case fault::control_character:
    case fault::not_utf8:
      break;
  }
  return malformed(scanned.what, scanned.offset);
}

failure not_utf8(std::size_t offset) {
  diagnostics diag;
  diag.message(fmt::format("the text is not UTF-8 at byte {}; encode it", offset)).offset(offset);
  return {errc::invalid_document, std::move(diag)};
}

failure too_large(std::size_t size) {
  diagnostics diag;
  diag.message(fmt::format("the document counts more than {} bytes; split it", json::max_size))
      .pointer("")
      .limit(json::max_size, size);
  return {errc::too_large, std::move(diag)};
}

}  // namespace atto::json_text
