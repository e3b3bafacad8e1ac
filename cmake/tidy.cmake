# The target `tidy` runs clang-tidy on every source of the library and the command; the preset `tidy` builds it.
# A source that passed is looked at again only when it, a header or .clang-tidy changes.
find_program(ATTO_CLANG_TIDY NAMES clang-tidy-14 clang-tidy)
if(NOT ATTO_CLANG_TIDY)
  return()
endif()

get_target_property(tidy_sources atto SOURCES)
set(tidy_roots include src)
if(TARGET atto_cli)
  get_target_property(cli_sources atto_cli SOURCES)
  list(TRANSFORM cli_sources PREPEND ${PROJECT_SOURCE_DIR}/cli/ REGEX "^[^/]")
  list(APPEND tidy_sources ${cli_sources})
  list(APPEND tidy_roots cli)
endif()
list(FILTER tidy_sources INCLUDE REGEX "\\.cpp$")
list(TRANSFORM tidy_roots PREPEND ${PROJECT_SOURCE_DIR}/)
list(TRANSFORM tidy_roots APPEND /*.hpp)
file(GLOB_RECURSE tidy_headers CONFIGURE_DEPENDS ${tidy_roots})

foreach(source IN LISTS tidy_sources)
  file(RELATIVE_PATH name ${PROJECT_SOURCE_DIR} ${source})
  set(stamp ${PROJECT_BINARY_DIR}/tidy/${name}.passed)
  cmake_path(GET stamp PARENT_PATH folder)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(OUTPUT ${stamp}
    COMMAND ${ATTO_CLANG_TIDY} --quiet -p ${PROJECT_BINARY_DIR} ${source}
    COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
    DEPENDS ${source} ${tidy_headers} ${PROJECT_SOURCE_DIR}/.clang-tidy
    COMMENT "clang-tidy ${name}")
  list(APPEND tidy_stamps ${stamp})
endforeach()
add_custom_target(tidy DEPENDS ${tidy_stamps})
