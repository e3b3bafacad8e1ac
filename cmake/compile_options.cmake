# Warnings and sanitizers of our own targets; never exported to users.
add_library(atto_compile_options INTERFACE)
target_compile_options(atto_compile_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Woverloaded-virtual
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety> $<$<BOOL:${ATTO_WERROR}>:-Werror>)
if(ATTO_SANITIZE)
  # -Wmaybe-uninitialized misfires in instrumented code; GCC 12 warns of every atomic_thread_fence (Asio's); clang 14
  # cannot compile a coroutine under its function sanitizer, a part of undefined.
  target_compile_options(atto_compile_options INTERFACE -fsanitize=${ATTO_SANITIZE} -fno-omit-frame-pointer
                                                       -fno-sanitize-recover=all $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized;-Wno-tsan>
                                                       $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  target_link_options(atto_compile_options INTERFACE -fsanitize=${ATTO_SANITIZE})
endif()
