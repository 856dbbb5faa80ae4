using System.Globalization;
using System.Text;

namespace Webmail.Load;

/// <summary>
/// A mailbox of a hundred thousand messages, the same for the same number: nine in ten as <see cref="Messages"/> makes them, one in ten Chinese; one in a thousand of all
/// holds <see cref="RareWord"/> or <see cref="RarePair"/>.
/// </summary>
internal static class LargeMailbox
{
    public const string RareWord = "quetzalcoatlite";

    /// <summary>Two characters that stand in no other message.</summary>
    public const string RarePair = "鷗鸝";

    private const int AtOnce = 100;

    /// <summary>Fills it with APPEND of many messages (RFC 3502), where it holds fewer.</summary>
    public static void Fill(ImapClient client, string mailbox, int count)
    {
        for (var n = client.Count(mailbox); n < count;)
        {
            var command = new MemoryStream();
            var tag = client.NextTag();
            command.Write(Encoding.ASCII.GetBytes($"{tag} APPEND {mailbox}"));
            for (var end = Math.Min(n + AtOnce, count); n < end; n++)
            {
                var message = Make(n);
                command.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $" {{{message.Length}+}}\r\n")));
                command.Write(message);
            }

            command.Write("\r\n"u8);
            client.Raw.Send(command.GetBuffer().AsSpan(0, (int)command.Length));
            client.Finish(tag, "APPEND");
        }
    }

    private static byte[] Make(int n)
    {
        if (n % 10 == 3)
            return Chinese(n);
        // Not those of Messages that hold the word, one in a hundred.
        var message = Messages.Make(n % 100 == 37 ? n + 1 : n);
        return n % 1000 == 0 ? [.. message, .. Encoding.ASCII.GetBytes($"{RareWord}\r\n")] : message;
    }

    private static byte[] Chinese(int n)
    {
        var random = new Random(n);
        var when = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + n * 1801L);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"From: =?utf-8?B?{Encoded(Han(random, 3))}?= <p{n % 200}@han.test>\r\nTo: user@example.test\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Subject: =?utf-8?B?{Encoded(Han(random, 10))}?=\r\nDate: {when:R}\r\nMessage-ID: <h{n}@han.test>\r\nMIME-Version: 1.0\r\n");
        text.Append("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
        for (var line = 0; line < 30; line++)
            text.Append(Han(random, 30)).Append("。\r\n");
        if (n % 1000 == 503)
            text.Append(RarePair).Append("\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>Of two thousand characters, some more often than others.</summary>
    private static string Han(Random random, int length) =>
        string.Create(length, random, static (text, random) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = (char)(0x4e00 + 7 * (int)(2_000 * random.NextDouble() * random.NextDouble()));
        });
}
