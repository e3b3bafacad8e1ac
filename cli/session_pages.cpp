#include "session_pages.hpp"

namespace atto::cli {

session_page session_pages::next() {
  constexpr std::size_t page_size = 500;
  diagnostics diag;
  list_options how;
  how.prefix = prefix_;
  how.after = after_;
  how.limit = page_size;
  how.diag = &diag;
  session_page page =
      wait_for<session_page>(context_, diag, [&](auto handler) { store_.async_list(how, std::move(handler)); });
  if (!page.empty()) after_ = page.back().id;
  return page;
}

}  // namespace atto::cli
