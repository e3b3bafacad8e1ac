// What must hold between a program and the library, above all when the library is a shared one.
#include <atto/atto.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <iostream>
#include <memory>
#include <string_view>

namespace {

bool check(bool holds, std::string_view what) {
  if (!holds) std::cerr << "does not hold: " << what << '\n';
  return holds;
}

void open_without_a_name() {
  atto::blocking_store store("");
}

bool catches_the_library_s_exception() {
  try {
    open_without_a_name();
  } catch (const atto::error_with_diagnostics& e) {
    return e.code() == atto::errc::invalid_argument && !e.get_diagnostics().message().empty();
  } catch (...) {
  }
  return false;
}

bool catches_it_by_its_bases() {
  int caught = 0;
  try {
    open_without_a_name();
  } catch (const boost::system::system_error& e) {
    caught += e.code() == atto::errc::invalid_argument ? 1 : 0;
  }
  try {
    open_without_a_name();
  } catch (const std::exception& e) {
    caught += dynamic_cast<const atto::error_with_diagnostics*>(&e) != nullptr ? 1 : 0;
  }
  return caught == 2;
}

bool catches_its_own_exception() {
  try {
    throw atto::error_with_diagnostics(atto::errc::closed, {});
  } catch (const atto::error_with_diagnostics& e) {
    return e.code() == atto::errc::closed && std::string_view(e.what()) == "closed";
  }
}

/// Its base class's key function is in the library.
class counting_observer final : public atto::store_observer {
 public:
  void on_connected() noexcept override { ++connected; }
  int connected = 0;
};

bool the_library_calls_an_observer() {
  const auto observer = std::make_shared<counting_observer>();
  boost::asio::io_context context;
  const auto store = atto::sqlite::open(context.get_executor(), "boundary.db", {.observer = observer});
  store->async_ensure_schema({}, [](const atto::error_code&) {});
  context.run();
  return observer->connected > 0;
}

}  // namespace

int main() {
  const bool all[] = {
      check(catches_the_library_s_exception(), "a program catches what the library throws"),
      check(catches_it_by_its_bases(), "a program catches it by its bases"),
      check(catches_its_own_exception(), "a program throws and catches the library's exception"),
      check(the_library_calls_an_observer(), "the library calls a program's observer"),
      check(atto::version() == ATTO_VERSION, "header and library are of one release"),
  };
  for (const bool holds : all) {
    if (!holds) return 1;
  }
  return 0;
}
