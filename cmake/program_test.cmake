# program_test(<test> <target> LABEL <label> [STORE <store>] [THROUGH <runner>]): a test that runs a program and passes
# when it exits with 0. THROUGH names a target that runs the program, given as its arguments, and exits as that does.
# See run_program.cmake for what it runs in.
function(program_test test target)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "LABEL;STORE;THROUGH" "")
  if(arg_THROUGH)
    set(arg_THROUGH $<TARGET_FILE:${arg_THROUGH}>)
  endif()
  add_test(NAME ${test} COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:${target}> -D THROUGH=${arg_THROUGH}
    -D FOLDER=${CMAKE_CURRENT_BINARY_DIR}/${target}.run -D STORE=${arg_STORE}
    -P ${PROJECT_SOURCE_DIR}/cmake/run_program.cmake)
  set_tests_properties(${test} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 120 SKIP_REGULAR_EXPRESSION "^skipped: ")
endfunction()
