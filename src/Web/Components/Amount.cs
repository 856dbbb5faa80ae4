using System.Globalization;

namespace Webmail.Web.Components;

/// <summary>Sizes and times as people read them.</summary>
internal static class Amount
{
    private static readonly string[] Units = ["KB", "MB", "GB", "TB"];

    /// <summary>Bytes: "830 B", "12 KB", "1.4 MB".</summary>
    public static string Of(long bytes)
    {
        if (bytes < 1000)
            return bytes.ToString(CultureInfo.CurrentCulture) + " B";
        var value = bytes / 1024.0;
        var unit = 0;
        while (value >= 1000 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString(value < 10 ? "0.#" : "0", CultureInfo.CurrentCulture) + " " + Units[unit];
    }

    /// <summary>A time in a list: the hour today, the day this year, else the date. Both are local times.</summary>
    public static string Short(DateTimeOffset time, DateTimeOffset now)
    {
        var culture = CultureInfo.CurrentCulture;
        if (time.Date == now.Date)
            return time.ToString("t", culture);
        var isChinese = culture.TwoLetterISOLanguageName == "zh";
        if (time.Date > now.Date.AddDays(-6) && time < now)
            return time.ToString("ddd", culture);
        return time.Year == now.Year
            ? time.ToString(isChinese ? "M月d日" : "d MMM", culture)
            : time.ToString(isChinese ? "yyyy年M月d日" : "d MMM yyyy", culture);
    }

    public static string Long(DateTimeOffset time) => time.ToString("D", CultureInfo.CurrentCulture) + " " + time.ToString("t", CultureInfo.CurrentCulture);
}
