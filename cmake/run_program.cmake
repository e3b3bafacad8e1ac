# Runs PROGRAM in FOLDER, which is emptied first, with STORE as its argument when there is one; fails when it fails.
# THROUGH: a program that runs it.
# STORE=postgres stands for the server of script/with-postgres; without one the test is skipped, or fails when
# ATTO_REQUIRE_POSTGRES or CI is set.
#
# Use: cmake -D PROGRAM=... -D FOLDER=... [-D STORE=...] [-D THROUGH=...] -P run_program.cmake
if(STORE STREQUAL "postgres")
  set(STORE "$ENV{ATTO_TEST_POSTGRES}")
  if(NOT STORE AND ("$ENV{ATTO_REQUIRE_POSTGRES}" OR NOT "$ENV{CI}" STREQUAL ""))
    message(FATAL_ERROR "ATTO_TEST_POSTGRES is not set; run script/test")
  elseif(NOT STORE)
    message("skipped: ATTO_TEST_POSTGRES is not set; run script/test")
    return()
  endif()
endif()

file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
execute_process(COMMAND ${THROUGH} ${PROGRAM} ${STORE} WORKING_DIRECTORY ${FOLDER} COMMAND_ERROR_IS_FATAL ANY)
