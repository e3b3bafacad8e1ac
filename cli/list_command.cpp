#include "command_error.hpp"
#include "commands.hpp"
#include "json_text.hpp"
#include "open.hpp"
#include "output.hpp"
#include "printable.hpp"
#include "timestamp.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace atto::cli {

namespace {

constexpr std::size_t page_size = 200;

struct list_command_options {
  std::string prefix;
  std::string after;
  std::size_t limit = 0;  // 0: all
  bool json = false;
};

void print_session(const session_info& s, bool as_json) {
  if (as_json) {
    print_line(fmt::format(R"({{"session_id":{},"version":{},"events":{},"created":"{}","updated":"{}"}})",
                           json_quoted(s.id), s.version, s.events, to_rfc3339(s.created), to_rfc3339(s.updated)));
  } else {
    print_line(fmt::format("{:>9} {:>8}  {}  {}", s.version, s.events, to_display(s.updated), printable(s.id)));
  }
}

session_page next_page(blocking_store& store, const list_command_options& o, const std::string& after,
                       std::size_t limit) {
  list_options how;
  how.prefix = o.prefix;
  how.after = after;
  how.limit = limit;
  return store.list(how);
}

/// `text` as one word for a POSIX shell.
std::string shell_quoted(std::string_view text) {
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += R"('\'')";
    } else {
      word += c;
    }
  }
  return word + "'";
}

std::string how_to_go_on(const std::string& last_id) {
  if (printable(last_id) != last_id) {
    return "more sessions follow; the last id holds control characters: list --json shows it, to go on with --after";
  }
  // An id that begins with a dash would be taken for an option.
  const std::string_view joint = last_id.starts_with('-') ? "=" : " ";
  return fmt::format("more sessions follow; go on with --after{}{}", joint, shell_quoted(last_id));
}

exit_status run(const settings& shared, const list_command_options& o) {
  blocking_store store = open_blocking(shared);
  std::string after = o.after;
  std::size_t left = o.limit == 0 ? load_options::all : o.limit;
  bool head = !o.json;
  while (left > 0) {
    const std::size_t wanted = std::min(left, page_size);
    const session_page page = next_page(store, o, after, wanted);
    if (head) print_line(fmt::format("{:>9} {:>8}  {:<20}  {}", "VERSION", "EVENTS", "UPDATED", "SESSION"));
    head = false;
    for (const session_info& s : page) print_session(s, o.json);
    // Whoever reads the pipe gets each page as soon as it is there.
    flush_output();
    if (page.size() < wanted) return exit_status::done;
    left -= page.size();
    after = page.back().id;
  }
  if (!o.json && !next_page(store, o, after, 1).empty()) {
    complain(how_to_go_on(after));
  }
  return exit_status::done;
}

}  // namespace

void add_list(CLI::App& app, const settings& shared, action& chosen) {
  CLI::App* command = app.add_subcommand("list", "List sessions in the order of their ids; all of them, page by page");
  const auto o = std::make_shared<list_command_options>();
  command->add_option("--prefix", o->prefix, "Only ids that begin so; _ and % are plain characters")->type_name("P");
  command->add_option("--after", o->after, "Only ids after this one")->type_name("ID");
  command->add_option("--limit", o->limit, "At most N sessions")->type_name("N")->check(CLI::PositiveNumber);
  command->add_flag("--json", o->json, "Print JSON lines: session_id, version, events, created, updated");
  command->callback([o, &shared, &chosen] { chosen = [o, &shared] { return run(shared, *o); }; });
}

}  // namespace atto::cli
