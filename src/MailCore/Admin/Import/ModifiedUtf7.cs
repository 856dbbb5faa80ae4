using System.Text;

namespace Webmail.MailCore.Admin.Import;

/// <summary>Folder names on disk as IMAP4rev1 writes them (RFC 3501 section 5.1.3). What is no such name is taken as it is.</summary>
internal static class ModifiedUtf7
{
    public static string Decode(string name)
    {
        var text = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            var end = name[i] == '&' ? name.IndexOf('-', i) : -1;
            if (end < 0)
            {
                text.Append(name[i]);
                continue;
            }

            if (end == i + 1)
                text.Append('&');
            else if (Decoded(name[(i + 1)..end]) is { } piece)
                text.Append(piece);
            else
                return name;
            i = end;
        }

        return text.ToString();
    }

    private static string? Decoded(string base64)
    {
        var standard = base64.Replace(',', '/') + new string('=', (4 - base64.Length % 4) % 4);
        var octets = new byte[standard.Length];
        return Convert.TryFromBase64String(standard, octets, out var n) && n % 2 == 0 ? Encoding.BigEndianUnicode.GetString(octets, 0, n) : null;
    }
}
