#include "usage.hpp"

#include "printable.hpp"

#include <CLI/CLI.hpp>

#include <sstream>
#include <string_view>
#include <vector>

namespace atto::cli {

namespace {

bool starts_like_an_option(std::string_view word) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz-";
  constexpr std::size_t longest = 24;
  return word.starts_with("--") && word.size() <= longest && word.find_first_not_of(letters) == std::string_view::npos;
}

/// Names an argument that nothing took, when its name is one.
std::string unexpected(const std::string& what) {
  std::istringstream words(what);
  for (std::string word; words >> word;) {
    const std::string name = word.substr(0, word.find('='));
    if (starts_like_an_option(name)) return name + " is no option of this command";
  }
  return "there is an argument too many";
}

/// Repeats the word only when it is short and has nothing of a connection string.
std::string no_command(const std::string& word) {
  constexpr std::size_t longest = 24;
  const bool is_plain = word.size() <= longest && word.find_first_of(":/@=") == std::string::npos;
  return is_plain ? "no command \"" + printable(word) + "\"" : "no command of that name";
}

/// "ID: reason, with the value" or "Could not convert: --limit = value": the name alone.
std::string option_name(std::string what) {
  constexpr std::string_view lead = "Could not convert: ";
  if (what.starts_with(lead)) what.erase(0, lead.size());
  return what.substr(0, what.find_first_of(": ="));
}

}  // namespace

std::string help_page() {
  return R"(Keeps sessions of agents (state, history, version) in a store of your choice
Usage: atto [--store STORE] COMMAND ...

  init                 make the store's tables where they are missing
  put ID [FILE]        save a session from JSON: {"version", "state", "history"}
  get ID               print a session as JSON (--last N: newest events only)
  show ID              print a session as a transcript, for people
  list                 list sessions (--prefix P, --after ID, --limit N)
  rm ID                remove a session
  rm --older-than 30d  remove those not written for so long (--dry-run)
  copy FROM TO         copy all sessions between two stores, versions kept
  replay FILE          write conversations turn by turn, load them back, compare
  bench WORKLOAD       measure a store, apart from your sessions

  --store STORE    sqlite:PATH, postgres://..., host=... dbname=..., memory:
                   (default: $ATTO_STORE, else sqlite:atto.db)
  --timeout TIME   the longest an operation may take (30s)
  --json           in commands that read: JSON for programs
  --help           this page; after a command: all it can do (--version: which)

Exit: 0 done, 1 failed, 2 usage, 3 concurrent write, 4 no such session, 130 ^C
PostgreSQL passwords are best kept in ~/.pgpass or PGPASSWORD.
)";
}

std::string usage_error(const CLI::ParseError& e) {
  std::string what = e.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&e) != nullptr) return unexpected(what);
  if (dynamic_cast<const CLI::ConversionError*>(&e) != nullptr) return option_name(what) + ": the value does not fit";
  if (dynamic_cast<const CLI::ValidationError*>(&e) != nullptr) return option_name(what) + ": the value does not fit";
  if (dynamic_cast<const CLI::RequiredError*>(&e) != nullptr) return what;
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&e) != nullptr) return option_name(what) + " takes one value";
  if (dynamic_cast<const CLI::ExcludesError*>(&e) != nullptr) return what;
  if (dynamic_cast<const CLI::RequiresError*>(&e) != nullptr) return what;
  return "the command line cannot be understood";
}

std::string usage_error(const CLI::App& app, const CLI::ParseError& e) {
  const std::vector<std::string> unknown = app.remaining();
  const bool is_extra = dynamic_cast<const CLI::ExtrasError*>(&e) != nullptr && !unknown.empty();
  return is_extra && !unknown.front().starts_with("-") ? no_command(unknown.front()) : usage_error(e);
}

}  // namespace atto::cli
