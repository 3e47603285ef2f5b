using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace BitbucketOperator.Testing;

/// <summary>A type by its namespace and name; nested and compiler-generated types count as the type around them.</summary>
internal readonly record struct NamedType(string Namespace, string Name);

/// <summary>
/// Which types the types of a compiled assembly use: in their bases, members, attributes and method bodies. Constants and
/// <c>nameof</c> leave no trace in an assembly and are not found.
/// </summary>
internal sealed class TypeUses : ISignatureTypeProvider<bool, bool>
{
    private static readonly Dictionary<int, OperandType> Operands = typeof(OpCodes).GetFields()
        .Select(f => (OpCode)f.GetValue(null)!)
        .ToDictionary(o => o.Value & 0xFFFF, o => o.OperandType);

    private readonly PEReader _file;
    private readonly MetadataReader _metadata;
    private HashSet<NamedType> _found = [];

    private TypeUses(PEReader file) => (_file, _metadata) = (file, file.GetMetadataReader());

    /// <summary>Each type of the assembly with itself and each type that it uses.</summary>
    public static IReadOnlyList<(NamedType User, NamedType Used)> Of(string assemblyPath)
    {
        using var file = new PEReader(File.OpenRead(assemblyPath));
        var uses = new TypeUses(file);
        return [.. uses.All().Distinct()];
    }

    private IEnumerable<(NamedType User, NamedType Used)> All()
    {
        foreach (var handle in _metadata.TypeDefinitions)
        {
            var user = NameOf(handle);
            _found = [user];
            AddType(_metadata.GetTypeDefinition(handle));
            foreach (var used in _found)
            {
                yield return (user, used);
            }
        }
    }

    private void AddType(TypeDefinition type)
    {
        Add(type.BaseType);
        AddAttributes(type.GetCustomAttributes());
        AddConstraints(type.GetGenericParameters());
        foreach (var implemented in type.GetInterfaceImplementations())
        {
            Add(_metadata.GetInterfaceImplementation(implemented).Interface);
        }

        foreach (var field in type.GetFields())
        {
            Add(field);
            AddAttributes(_metadata.GetFieldDefinition(field).GetCustomAttributes());
        }

        foreach (var property in type.GetProperties())
        {
            AddAttributes(_metadata.GetPropertyDefinition(property).GetCustomAttributes());
        }

        foreach (var method in type.GetMethods())
        {
            Add(method);
            AddMethod(_metadata.GetMethodDefinition(method));
        }
    }

    private void AddMethod(MethodDefinition method)
    {
        AddAttributes(method.GetCustomAttributes());
        AddConstraints(method.GetGenericParameters());
        foreach (var parameter in method.GetParameters())
        {
            AddAttributes(_metadata.GetParameter(parameter).GetCustomAttributes());
        }

        if (method.RelativeVirtualAddress != 0)
        {
            AddBody(_file.GetMethodBody(method.RelativeVirtualAddress));
        }
    }

    private void AddBody(MethodBodyBlock body)
    {
        Add(body.LocalSignature);
        foreach (var region in body.ExceptionRegions)
        {
            Add(region.CatchType);
        }

        var code = body.GetILReader();
        while (code.RemainingBytes > 0)
        {
            int first = code.ReadByte();
            AddOperand(ref code, Operands[first == 0xFE ? (first << 8) | code.ReadByte() : first]);
        }
    }

    private void AddOperand(ref BlobReader code, OperandType operand)
    {
        switch (operand)
        {
            case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineType
                or OperandType.InlineTok or OperandType.InlineSig:
                Add(MetadataTokens.EntityHandle(code.ReadInt32()));
                break;
            case OperandType.InlineSwitch:
                var targets = code.ReadInt32();
                code.Offset += targets * sizeof(int);
                break;
            default:
                code.Offset += SizeOf(operand);
                break;
        }
    }

    private static int SizeOf(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    private void AddAttributes(CustomAttributeHandleCollection attributes)
    {
        foreach (var attribute in attributes)
        {
            Add(_metadata.GetCustomAttribute(attribute).Constructor);
        }
    }

    private void AddConstraints(GenericParameterHandleCollection parameters)
    {
        foreach (var constraint in parameters.SelectMany(p => _metadata.GetGenericParameter(p).GetConstraints()))
        {
            Add(_metadata.GetGenericParameterConstraint(constraint).Type);
        }
    }

    private void Add(EntityHandle handle)
    {
        switch (handle)
        {
            case { IsNil: true }:
                break;
            case { Kind: HandleKind.TypeDefinition }:
                _found.Add(NameOf((TypeDefinitionHandle)handle));
                break;
            case { Kind: HandleKind.TypeReference }:
                _found.Add(NameOf((TypeReferenceHandle)handle));
                break;
            case { Kind: HandleKind.TypeSpecification }:
                _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, genericContext: false);
                break;
            case { Kind: HandleKind.FieldDefinition }:
                var field = _metadata.GetFieldDefinition((FieldDefinitionHandle)handle);
                Add(field.GetDeclaringType());
                field.DecodeSignature(this, genericContext: false);
                break;
            case { Kind: HandleKind.MethodDefinition }:
                var method = _metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                Add(method.GetDeclaringType());
                method.DecodeSignature(this, genericContext: false);
                break;
            case { Kind: HandleKind.MemberReference }:
                AddMember(_metadata.GetMemberReference((MemberReferenceHandle)handle));
                break;
            case { Kind: HandleKind.MethodSpecification }:
                var specification = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                Add(specification.Method);
                specification.DecodeSignature(this, genericContext: false);
                break;
            case { Kind: HandleKind.StandaloneSignature }:
                AddSignature(_metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle));
                break;
        }
    }

    private void AddMember(MemberReference member)
    {
        Add(member.Parent);
        if (member.GetKind() == MemberReferenceKind.Method)
        {
            member.DecodeMethodSignature(this, genericContext: false);
        }
        else
        {
            member.DecodeFieldSignature(this, genericContext: false);
        }
    }

    private void AddSignature(StandaloneSignature signature)
    {
        if (signature.GetKind() == StandaloneSignatureKind.LocalVariables)
        {
            signature.DecodeLocalSignature(this, genericContext: false);
        }
        else
        {
            signature.DecodeMethodSignature(this, genericContext: false);
        }
    }

    private NamedType NameOf(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        while (type.GetDeclaringType() is { IsNil: false } outer)
        {
            type = _metadata.GetTypeDefinition(outer);
        }

        return NameOf(type.Namespace, type.Name);
    }

    private NamedType NameOf(TypeReferenceHandle handle)
    {
        var type = _metadata.GetTypeReference(handle);
        while (type.ResolutionScope.Kind == HandleKind.TypeReference)
        {
            type = _metadata.GetTypeReference((TypeReferenceHandle)type.ResolutionScope);
        }

        return NameOf(type.Namespace, type.Name);
    }

    private NamedType NameOf(StringHandle ns, StringHandle name) =>
        new(_metadata.GetString(ns), _metadata.GetString(name).Split('`')[0]);

    // Signatures are decoded for the named types in them, which arrive here one by one; the rest has nothing to add.
    bool ISimpleTypeProvider<bool>.GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
        _found.Add(NameOf(handle));

    bool ISimpleTypeProvider<bool>.GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
        _found.Add(NameOf(handle));

    bool ISignatureTypeProvider<bool, bool>.GetTypeFromSpecification(
        MetadataReader reader, bool genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    bool ISimpleTypeProvider<bool>.GetPrimitiveType(PrimitiveTypeCode typeCode) => false;

    bool ISZArrayTypeProvider<bool>.GetSZArrayType(bool elementType) => false;

    bool IConstructedTypeProvider<bool>.GetArrayType(bool elementType, ArrayShape shape) => false;

    bool IConstructedTypeProvider<bool>.GetByReferenceType(bool elementType) => false;

    bool IConstructedTypeProvider<bool>.GetGenericInstantiation(bool genericType, ImmutableArray<bool> typeArguments) => false;

    bool IConstructedTypeProvider<bool>.GetPointerType(bool elementType) => false;

    bool ISignatureTypeProvider<bool, bool>.GetFunctionPointerType(MethodSignature<bool> signature) => false;

    bool ISignatureTypeProvider<bool, bool>.GetGenericMethodParameter(bool genericContext, int index) => false;

    bool ISignatureTypeProvider<bool, bool>.GetGenericTypeParameter(bool genericContext, int index) => false;

    bool ISignatureTypeProvider<bool, bool>.GetModifiedType(bool modifier, bool unmodifiedType, bool isRequired) => false;

    bool ISignatureTypeProvider<bool, bool>.GetPinnedType(bool elementType) => false;
}
