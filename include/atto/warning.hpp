#pragma once

#include <functional>
#include <string_view>

namespace atto {

/// Told of what works but should not stay so: a connection that is not verified, a server that cannot notice that its
/// client died. One line, which names neither password nor document; each kind once a pool, on a thread that runs the
/// pool's executor. It must not throw. Empty: nobody is told.
using warning_hook = std::function<void(std::string_view line)>;

}  // namespace atto
