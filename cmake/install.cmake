include(CMakePackageConfigHelpers)

# cmake --install <build> --component <one of these> installs that alone; all of them without --component.
#   runtime      what a program needs to run: a shared library
#   development  what compiling needs: headers, the static library, CMake's package, pkg-config's file; it needs
#                runtime when the library is shared
#   testing      the contract kit, for those who write a store; it needs development
#   command      the atto command; it needs runtime when the library is shared
set(ATTO_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/atto)
install(TARGETS atto EXPORT atto-targets
  LIBRARY COMPONENT runtime NAMELINK_COMPONENT development
  ARCHIVE COMPONENT development
  FILE_SET HEADERS COMPONENT development)
install(EXPORT atto-targets NAMESPACE atto:: DESTINATION ${ATTO_CMAKE_DIR} COMPONENT development)
configure_package_config_file(cmake/atto-config.cmake.in atto-config.cmake INSTALL_DESTINATION ${ATTO_CMAKE_DIR})
write_basic_package_version_file(atto-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/atto-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/atto-config-version.cmake
        DESTINATION ${ATTO_CMAKE_DIR} COMPONENT development)

# pkg-config sets pcfiledir to the folder of the file, so that what is installed may be moved as a whole.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
           OUTPUT_VARIABLE ATTO_PC_PREFIX)
string(PREPEND ATTO_PC_PREFIX "\${pcfiledir}/")
configure_file(cmake/atto.pc.in atto.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/atto.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

set(components runtime development testing)
if(TARGET atto_cli)
  # The command finds the shared library where both were installed, and where both were moved.
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR BASE_DIRECTORY ${CMAKE_INSTALL_FULL_BINDIR} OUTPUT_VARIABLE libraries)
  set_target_properties(atto_cli PROPERTIES INSTALL_RPATH "$ORIGIN/${libraries}")
  install(TARGETS atto_cli COMPONENT command)
  list(APPEND components command)
endif()
foreach(component IN LISTS components)
  install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT ${component})
endforeach()
