using System.Globalization;
using System.Text;

namespace Webmail.Load;

/// <summary>
/// Messages of about 5 KB, the same for the same number: six in ten plain text, three alternatives of text and HTML, one or two with an attachment;
/// a third are replies. One in a hundred holds <see cref="RareWord"/>.
/// </summary>
internal static class Messages
{
    public const string RareWord = "quetzalcoatlite";

    private static readonly string[] Words = MakeWords();

    public static byte[] Make(int n, int size = 5000)
    {
        var random = new Random(n * 7919 + 17);
        var when = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + n * 1801L);
        var text = new StringBuilder(size + 512);
        text.Append(CultureInfo.InvariantCulture, $"Received: from mx{n % 9}.list.test (mx.list.test [192.0.2.{n % 250}])\r\n\tby in.example.test with ESMTPS id {n:x10};\r\n\t{when:R}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"From: {Person(random)}\r\nTo: {Person(random)}\r\n");
        var reply = n > 0 && random.Next(3) == 0;
        if (reply)
        {
            var parent = Math.Max(0, n - random.Next(1, 50));
            text.Append(CultureInfo.InvariantCulture, $"In-Reply-To: <m{parent}@list.test>\r\nReferences: <m{parent}@list.test>\r\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"Subject: {(reply ? "Re: " : "")}{Sentence(random, random.Next(2, 7))}\r\nDate: {when:R}\r\nMessage-ID: <m{n}@list.test>\r\nMIME-Version: 1.0\r\n");
        Body(text, random, Math.Max(200, size - 700), n % 100 == 37);
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static void Body(StringBuilder text, Random random, int room, bool rare)
    {
        var kind = random.Next(100);
        if (kind < 60)
        {
            text.Append("Content-Type: text/plain; charset=utf-8\r\n\r\n");
            Lines(text, random, room, rare);
            return;
        }

        var boundary = $"=_b{random.NextInt64():x}";
        text.Append(CultureInfo.InvariantCulture, $"Content-Type: multipart/{(kind < 85 ? "alternative" : "mixed")}; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");
        Lines(text, random, room / 3, rare);
        if (kind < 85)
        {
            text.Append(CultureInfo.InvariantCulture, $"--{boundary}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>\r\n");
            Lines(text, random, room / 2, rare);
            text.Append("</p></body></html>\r\n");
        }
        else
        {
            var blob = new byte[room * 9 / 20];
            random.NextBytes(blob);
            text.Append(CultureInfo.InvariantCulture, $"--{boundary}\r\nContent-Type: application/octet-stream; name=\"f.bin\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"f.bin\"\r\n\r\n");
            text.Append(Convert.ToBase64String(blob, Base64FormattingOptions.InsertLineBreaks)).Append("\r\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"--{boundary}--\r\n");
    }

    private static void Lines(StringBuilder text, Random random, int room, bool rare)
    {
        var end = text.Length + room;
        if (rare)
            text.Append(RareWord).Append(' ');
        var line = 0;
        while (text.Length < end)
        {
            var word = Words[random.Next(Words.Length)];
            text.Append(word);
            line += word.Length + 1;
            text.Append(line > 70 ? "\r\n" : " ");
            if (line > 70)
                line = 0;
        }

        text.Append("\r\n");
    }

    private static string Person(Random random)
    {
        var n = random.Next(200);
        return $"{Words[n]} {Words[n + 200]} <p{n}@{Words[n + 400]}.test>";
    }

    private static string Sentence(Random random, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[random.Next(Words.Length)]));

    private static string[] MakeWords()
    {
        const string consonants = "bcdfghklmnprstvz", vowels = "aeiou";
        var random = new Random(99);
        return [.. Enumerable.Range(0, 2000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 5))
            .Select(_ => $"{consonants[random.Next(consonants.Length)]}{vowels[random.Next(vowels.Length)]}")))];
    }
}
