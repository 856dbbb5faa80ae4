using System.Globalization;

namespace Webmail.Web.Settings;

/// <summary>What a browser asked for by its cookies: they are read once for each page and handed to the circuit.</summary>
/// <param name="Theme">"light", "dark" or "auto".</param>
/// <param name="TimeZone">An IANA name; UTC until the browser has said.</param>
public sealed record Preferences(string Theme, string TimeZone)
{
    public const string ThemeCookie = "theme";
    public const string TimeZoneCookie = "tz";

    public static readonly Preferences Default = new("auto", "UTC");

    public static Preferences From(HttpRequest request) =>
        new(request.Cookies[ThemeCookie] is "light" or "dark" ? request.Cookies[ThemeCookie]! : "auto", ZoneName(request.Cookies[TimeZoneCookie]));

    public DateTimeOffset ToLocal(DateTimeOffset instant) =>
        TimeZoneInfo.ConvertTime(instant, TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) ? zone : TimeZoneInfo.Utc);

    private static string ZoneName(string? cookie)
    {
        var name = Uri.UnescapeDataString(cookie ?? "");
        return name.Length is > 0 and < 64 && TimeZoneInfo.TryFindSystemTimeZoneById(name, out _) ? name : "UTC";
    }
}
