# atto_internal: what links it reaches all of the library's symbols. A shared library hides most of them; then this is a
# static library of the same objects.
if(NOT atto_type STREQUAL "SHARED_LIBRARY")
  add_library(atto_internal ALIAS atto)
  return()
endif()

add_library(atto_internal STATIC EXCLUDE_FROM_ALL $<TARGET_OBJECTS:atto>)
set_target_properties(atto_internal PROPERTIES LINKER_LANGUAGE CXX)
target_compile_features(atto_internal PUBLIC cxx_std_20)
target_include_directories(atto_internal PUBLIC ${PROJECT_SOURCE_DIR}/include)
target_link_libraries(atto_internal
  PUBLIC Boost::headers Threads::Threads
  PRIVATE fmt::fmt SQLite::SQLite3 PkgConfig::libpq)
