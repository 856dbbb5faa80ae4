using System.Globalization;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Mime;

/// <summary>Where the parts of a message lie: some 200 bytes a part, immutable, good to cache as long as the message lives.</summary>
public sealed class MimePartTree
{
    internal MimePartTree(MimePart root) => Root = root;

    internal MimePart Root { get; }

    /// <summary>Reads the message once. A body in memory is read at once, a large one on a worker thread.</summary>
    public static async ValueTask<MimePartTree> ReadAsync(MessageBody body, CancellationToken ct)
    {
        if (body.TryGetMemory(out _))
            return new(MimeScanner.Scan(body.AsStream()));
        return await Task.Run(() => new MimePartTree(MimeScanner.Scan(body.AsStream())), ct);
    }

    /// <summary>
    /// The part of a number like "1.2.3" (RFC 9051 section 6.4.5.1), or null. A message that is no multipart has one part, 1, its body; the numbers
    /// below a message part are those of the message in it.
    /// </summary>
    internal MimePart? Find(IReadOnlyList<int> numbers)
    {
        var part = Root;
        var isMessage = true;
        foreach (var number in numbers)
        {
            if (!isMessage && part.Kind == MimePartKind.Message)
            {
                part = part.Children[0];
                isMessage = true;
            }

            if (part.Kind == MimePartKind.Multipart && number >= 1 && number <= part.Children.Count)
                part = part.Children[number - 1];
            else if (!(isMessage && part.Kind != MimePartKind.Multipart && number == 1))
                return null;
            isMessage = false;
        }

        return part;
    }

    /// <summary>The numbers in "1.2.3", or null when it isn't a part number.</summary>
    public static IReadOnlyList<int>? ParseNumber(string text)
    {
        var numbers = new List<int>();
        foreach (var piece in text.Split('.'))
        {
            if (numbers.Count > MimeScanner.MaxDepth || !int.TryParse(piece, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
                return null;
            numbers.Add(number);
        }

        return numbers;
    }

    /// <summary>The number by which <see cref="Find"/> gives this part; empty for a multipart that is the whole message.</summary>
    internal static string NumberOf(MimePart part)
    {
        if (part.Parent is not { } parent)
            return part.Kind == MimePartKind.Multipart ? "" : "1";
        var above = NumberOf(parent);
        if (parent.Kind == MimePartKind.Message)
            return part.Kind == MimePartKind.Multipart ? above : above + ".1";
        var number = (parent.Children.IndexOf(part) + 1).ToString(CultureInfo.InvariantCulture);
        return above.Length == 0 ? number : above + "." + number;
    }
}
