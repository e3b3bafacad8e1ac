# program_test(<test> <target> LABEL <label> [STORE <store>]): a test that runs a program and passes when it exits with 0.
# See run_program.cmake for what it runs in.
function(program_test test target)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "LABEL;STORE" "")
  add_test(NAME ${test} COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:${target}>
    -D FOLDER=${CMAKE_CURRENT_BINARY_DIR}/${target}.run -D STORE=${arg_STORE}
    -P ${PROJECT_SOURCE_DIR}/cmake/run_program.cmake)
  set_tests_properties(${test} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 120 SKIP_REGULAR_EXPRESSION "^skipped: ")
endfunction()
