using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data;

/// <summary>
/// A migration that is a file of SQL beside its class: <c>Migrations/Mail.sql</c> for <c>Migrations/Mail.cs</c>. Expand and contract: a step adds, a later
/// release removes, and a node of the release before must still work on the new schema. There is no way down.
/// </summary>
internal abstract class SqlMigration : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        var name = $"{typeof(SqlMigration).Namespace}.Migrations.{GetType().Name}.sql";
        using var stream = GetType().Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded");
        using var reader = new StreamReader(stream);
        migrationBuilder.Sql(reader.ReadToEnd());
    }
}
