#pragma once

#include "postgres/pg_handle.hpp"

namespace atto::postgres {

/// A connection for `connection`: non-blocking, in pipeline mode.
struct opened {
  pg_handle handle;           // null: there is none
  bool own_session = false;   // no pooler in between: the server's session is ours alone, and has our timeouts
  bool prepares = false;      // statements are prepared under names
  bool notices_loss = false;  // the server ends a statement whose client died
};

}  // namespace atto::postgres
