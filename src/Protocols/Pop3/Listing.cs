using System.Buffers;
using System.Text.Unicode;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Pop3;

/// <summary>One line a message that is not marked as deleted: LIST and UIDL.</summary>
internal sealed class Listing(Maildrop drop, bool withUniqueIds) : Pop3Body
{
    private const int MaxLine = 64;

    public override async ValueTask<bool> WriteAsync(WirePipe wire, CancellationToken ct)
    {
        for (var number = 1; number <= drop.Count; number++)
        {
            WriteLine(wire.Output, number);
            if (number % 1000 == 0 && !await wire.FlushIfLargeAsync(ct))
                return false;
        }

        wire.Output.Write(".\r\n"u8);
        return await wire.FlushIfLargeAsync(ct);
    }

    private void WriteLine(IBufferWriter<byte> output, int number)
    {
        if (drop.Find(number) is not { } entry)
            return;
        var written = 0;
        var span = output.GetSpan(MaxLine);
        _ = withUniqueIds
            ? Utf8.TryWrite(span, $"{number} {drop.UniqueId(entry)}\r\n", out written)
            : Utf8.TryWrite(span, $"{number} {entry.Size}\r\n", out written);
        output.Advance(written);
    }
}
