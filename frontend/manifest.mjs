// What the build takes from its packages by name. A template that needs another icon adds it
// here; the names are those of the USWDS icon set.
export const ICONS = [
  "account_balance", "account_circle", "add", "arrow_back", "arrow_forward", "assessment",
  "attach_file", "build", "calendar_today", "campaign", "chat", "check", "check_circle", "clean_hands",
  "close", "comment", "construction", "content_copy", "delete", "directions_bus", "edit", "error",
  "expand_more", "file_download", "filter_list", "flag", "forum", "hearing", "help", "history",
  "home", "info", "insights", "keyboard", "language", "lightbulb", "link", "location_on", "lock", "login",
  "logout", "mail", "map", "menu", "my_location", "navigate_before", "navigate_next",
  "near_me", "notifications", "park", "people", "print", "person", "phone", "photo_camera", "pets",
  "priority_high", "public", "remove", "report", "schedule", "search", "send", "settings",
  "share", "sort_arrow", "snow", "star", "support_agent", "thumb_up_alt", "trending_up", "update",
  "upload_file", "visibility", "visibility_off", "translate", "undo", "warning", "flooding", "wifi", "zoom_in",
];

export const LICENSES = [
  ["@uswds/uswds", "LICENSE.md"],
  ["htmx.org", "LICENSE"],
  ["maplibre-gl", "LICENSE.txt"],
  ["fflate", "LICENSE"],
];

// Packages that name their license in package.json and carry no text of it.
export const NAMED_LICENSES = ["pmtiles"];
